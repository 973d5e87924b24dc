" Settings for route files of SmartHL7.
if exists('b:did_ftplugin')
  finish
endif
let b:did_ftplugin = 1

setlocal commentstring=//\ %s
setlocal comments=:///,://
setlocal expandtab shiftwidth=2 softtabstop=2 tabstop=2
setlocal formatoptions-=t formatoptions+=croql
setlocal textwidth=100
setlocal suffixesadd=.route
if executable('smarthl7')
  " :make checks the project; the first line of a finding and its place are one message.
  setlocal makeprg=smarthl7\ check\ %:p:h:S
  setlocal errorformat=%E%trror[%.%#]:\ %m,%W%tarning[%.%#]:\ %m,%Z%\\s%#-->\ %f:%l:%c,%-G%.%#
endif

let b:undo_ftplugin = 'setlocal commentstring< comments< expandtab< shiftwidth< softtabstop< tabstop<'
      \ . ' formatoptions< textwidth< suffixesadd< makeprg< errorformat<'
