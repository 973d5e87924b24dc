" Indentation of route files of SmartHL7: two columns for each open brace, as `smarthl7 fmt` has it.
if exists('b:did_indent')
  finish
endif
let b:did_indent = 1

setlocal indentexpr=RouteIndent(v:lnum)
setlocal indentkeys=0{,0},o,O,!^F
let b:undo_indent = 'setlocal indentexpr< indentkeys<'

if exists('*RouteIndent')
  finish
endif

" The braces of a line that are neither in a string nor in a comment: how many more are opened than closed.
function! s:Open(text)
  let l:text = substitute(a:text, '"\%(\\.\|[^"\\]\)*"', '', 'g')
  let l:text = substitute(l:text, '//.*$', '', '')
  return count(l:text, '{') - count(l:text, '}')
endfunction

function! RouteIndent(line)
  let l:above = prevnonblank(a:line - 1)
  if l:above == 0
    return 0
  endif
  let l:indent = indent(l:above)
  let l:open = s:Open(getline(l:above))
  " A closing brace at the begin of the line above took its own step back already.
  if getline(l:above) =~# '^\s*}'
    let l:open += 1
  endif
  let l:indent += l:open > 0 ? shiftwidth() : l:open < 0 ? -shiftwidth() : 0
  if getline(a:line) =~# '^\s*}'
    let l:indent -= shiftwidth()
  endif
  return max([l:indent, 0])
endfunction
