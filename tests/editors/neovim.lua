-- SPDX-License-Identifier: Apache-2.0
-- Neovim's own client against `smarthl7 lsp`, and the files of editors/vim: run headless by neovim.sh. Each check says what it
-- saw; the first that fails ends with code 1.
local checks = 0
local function check(condition, what)
  checks = checks + 1
  if not condition then
    io.stderr:write("failed: " .. what .. "\n")
    vim.cmd("cquit 1")
  end
end
local function wait(what, condition)
  check(vim.wait(20000, condition, 5), what)
end
local folder = os.getenv("PROJECT")

vim.lsp.handlers["window/showMessage"] = function() end
vim.cmd("edit " .. folder .. "/lab.route")
local buffer = vim.api.nvim_get_current_buf()

-- editors/vim
check(vim.bo.filetype == "route", "the file type is route, not " .. vim.bo.filetype)
check(vim.bo.commentstring == "// %s", "comments")
check(vim.bo.shiftwidth == 2, "indentation")
local function group(text, offset)
  local line, column = unpack(vim.fn.searchpos("\\V" .. text, "nw"))
  check(line > 0, "there is no " .. text)
  return vim.fn.synIDattr(vim.fn.synID(line, column + (offset or 0), 1), "name")
end
vim.fn.cursor(1, 1)
check(group("flow lab_results") == "routeDeclaration", "flow: " .. group("flow lab_results"))
check(group("lab_results {") == "routeName", "name: " .. group("lab_results {"))
check(group("validate lab") == "routeItem", "validate: " .. group("validate lab"))
check(group("upper(") == "routeFunction", "upper: " .. group("upper("))
check(group("PID-5[1]") == "routeSegment", "PID: " .. group("PID-5[1]"))
check(group("// Gr") == "routeComment", "comment: " .. group("// Gr"))
check(group("unknown facility") == "routeString", "string: " .. group("unknown facility"))
check(group("/// What the lab") == "routeDoc", "doc: " .. group("/// What the lab"))
vim.cmd("edit " .. folder .. "/ends.route")
vim.fn.cursor(1, 1)
check(group("connect \"local") == "routeOption", "option: " .. group("connect \"local"))
check(group("certificate") == "routeOption", "nested option: " .. group("certificate"))
check(group("within 5s") == "routeConnective", "connective: " .. group("within 5s"))
check(group("retry quick from") == "routeDeclaration", "retry: " .. group("retry quick from"))
check(group("most 2s") == "routeOption", "option in a line: " .. group("most 2s"))
vim.cmd("buffer " .. buffer)
-- Indenting the whole file anew changes nothing but continuation lines.
local before = vim.api.nvim_buf_get_lines(buffer, 0, -1, false)
vim.cmd("silent normal! gg=G")
local after = vim.api.nvim_buf_get_lines(buffer, 0, -1, false)
for i, line in ipairs(before) do
  if not line:match("^      each OBX") then check(line == after[i], "indent of line " .. i .. ": " .. after[i]) end
end
vim.api.nvim_buf_set_lines(buffer, 0, -1, false, before)

-- The server.
local client_id = vim.lsp.start_client({ name = "smarthl7", cmd = { os.getenv("SMARTHL7"), "lsp" }, root_dir = folder })
check(client_id ~= nil, "the client starts")
vim.lsp.buf_attach_client(buffer, client_id)
local client = vim.lsp.get_client_by_id(client_id)
wait("the server is initialized", function() return client.initialized and client.server_capabilities ~= nil end)
local function diagnostics()
  return vim.diagnostic.get(buffer)
end
local function ask(method, params)
  local answer = vim.lsp.buf_request_sync(buffer, method, params, 20000)
  check(answer ~= nil and answer[client_id] ~= nil, method .. " is answered")
  check(answer[client_id].err == nil, method .. ": " .. vim.inspect(answer[client_id].err))
  return answer[client_id].result
end
local function find(text)
  for i, line in ipairs(vim.api.nvim_buf_get_lines(buffer, 0, -1, false)) do
    local column = line:find(text, 1, true)
    if column then return i - 1, column - 1, line end
  end
  check(false, "there is no " .. text)
end
local function replace(old, new)
  local row, column = find(old)
  vim.api.nvim_buf_set_text(buffer, row, column, row, column + #old, { new })
end
local function here(text, delta)
  local row, column, line = find(text)
  return {
    textDocument = { uri = vim.uri_from_bufnr(buffer) },
    position = { line = row, character = vim.str_utfindex(line, column) and select(2, vim.str_utfindex(line, column)) + (delta or 0) },
  }
end

-- Typing behind characters outside of the basic plane: diagnostics come, at the right place, and go.
replace("facility '{.4.1}'", "facility '{.4.99}'")
wait("a diagnostic comes", function() return #diagnostics() == 1 end)
local found = diagnostics()[1]
local row, column = find(".4.99")
check(found.code == "E0304" or (found.user_data and found.user_data.lsp.code == "E0304"), "its code")
check(found.lnum == row and found.col == column, "its place: " .. found.lnum .. ":" .. found.col)
replace("facility '{.4.99}'", "facility '{.4.1}'")
wait("it goes", function() return #diagnostics() == 0 end)

local hover = ask("textDocument/hover", here("PID-5[1].1.1", 10))
check(hover.contents.value:find("Family Name / Surname", 1, true) ~= nil, "hover: " .. hover.contents.value)
local definition = ask("textDocument/definition", here("-> mercy", 4))
check(definition.uri:match("ends%.route$") ~= nil, "definition: " .. definition.uri)
replace("  map normalise", "  map ")
local offers = ask("textDocument/completion", here("  map ", 6))
check(offers.items[1].label == "normalise", "completion: " .. vim.inspect(offers.items[1]))
replace("  map ", "    map   normalise")
-- Formatting and renaming through the editor's own commands.
vim.lsp.buf.formatting_sync(nil, 20000)
check(select(3, find("map normalise")) == "  map normalise", "formatted")
vim.fn.cursor(find("mapping normalise") + 1, 10)
vim.lsp.buf.rename("tidy")
wait("it is renamed", function()
  local text = table.concat(vim.api.nvim_buf_get_lines(buffer, 0, -1, false), "\n")
  return text:find("mapping tidy : lab_result", 1, true) ~= nil and text:find("  map tidy\n", 1, true) ~= nil
end)
wait("and still checks", function() return #diagnostics() == 0 end)
local symbols = ask("textDocument/documentSymbol", { textDocument = { uri = vim.uri_from_bufnr(buffer) } })
check(#symbols == 4 and symbols[3].name == "tidy", "symbols")

vim.lsp.stop_client(client_id)
wait("the server ends", function() return vim.lsp.client_is_stopped(client_id) end)
print(checks .. " checks passed")
vim.cmd("qall!")
