" Route files of SmartHL7.
autocmd BufRead,BufNewFile *.route setfiletype route
