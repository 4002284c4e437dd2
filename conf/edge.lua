-- Kept answers (lib/store.h), given out without a program. Any doubt — no token, a token that is not
-- plainly good, another method, an answer that is not there — falls through, and the program answers:
-- every error is the program's. What is kept was found valid by the program, so nothing of a request
-- is parsed here but its token.
local r = lighty.r

-- A chunk runs anew for each request; what it remembers stays with the interpreter.
local edge = package.loaded["antenna.edge"]
if not edge then
	edge = {
		cache = os.getenv("TV_CACHE"),
		generations = {}, -- files, kept open: their size is the generation
		tokens = {}, tokens_n = 0,
		answers = {}, answers_bytes = 0,
		checked = 0, -- when the key was looked at
	}
	edge.on = os.getenv("TV_EDGE") ~= "off" and edge.cache and edge.cache ~= ""
	package.loaded["antenna.edge"] = edge
end
if not edge.on then
	return 0
end

local TOKENS_MAX = 8192
local ANSWERS_MAX = 32 * 1024 * 1024 -- bytes in memory
local TOKEN_LIFE = 900

local method = r.req_attr["request.method"]
local authorization = r.req_header["Authorization"]
if (method ~= "GET" and method ~= "HEAD") or not authorization
	or authorization:sub(1, 7) ~= "Bearer " or r.req_header["Content-Length"] then
	return 0
end
local now = os.time()

-- The key may be exchanged at any time: what was verified with the old one is forgotten.
local function look_at_key()
	local key = os.getenv("TV_JWT_KEY")
	local path = os.getenv("TV_JWT_KEY_FILE")
	if (not key or key == "") and path then
		local file = io.open(path, "rb")
		key = file and file:read("a")
		if file then
			file:close()
		end
	end
	if key ~= edge.key then
		edge.key = key
		edge.tokens, edge.tokens_n = {}, 0
		edge.header = nil
		if key and #key >= 32 and #key < 4096 then
			local id = lighty.c.md("sha256", key):sub(1, 16):lower()
			edge.header = lighty.c.b64urlenc('{"alg":"HS256","typ":"at+jwt","kid":"' .. id .. '"}'):gsub("=+$", "")
		end
	end
	edge.checked = now
end

-- The text is ours once its signature holds: it has the one form that token-sign.c writes.
local CLAIMS = '^{"iss":"antenna","aud":"antenna","sub":"%d+","sid":%d+,"role":"%a+","pid":%d+,"age":(%d+),'
	.. '"iat":(%d+),"nbf":%d+,"exp":(%d+),"jti":"[%w_-]+"}$'

local function verify(token)
	local signed, header, claims, signature = token:match("^(([%w_-]+)%.([%w_-]+))%.([%w_-]+)$")
	if not signed or #token > 4096 or header ~= edge.header or #signature ~= 43 then
		return nil
	end
	local mac = lighty.c.hexdec(lighty.c.hmac("sha256", edge.key, signed))
	local given = lighty.c.b64urldec(signature)
	if not given or #given ~= 32 or not lighty.c.secret_eq(given, mac)
		or lighty.c.b64urlenc(given):gsub("=+$", "") ~= signature then
		return nil
	end
	local text = lighty.c.b64urldec(claims)
	local age, issued, expires = (text or ""):match(CLAIMS)
	if not age then
		return nil
	end
	issued, expires = tonumber(issued), tonumber(expires)
	if issued > now + 30 or expires - issued > TOKEN_LIFE then
		return nil
	end
	if edge.tokens_n >= TOKENS_MAX then
		edge.tokens, edge.tokens_n = {}, 0
	end
	local known = { token = token, age = age, expires = expires }
	edge.tokens[token:sub(-40)] = known
	edge.tokens_n = edge.tokens_n + 1
	return known
end

if edge.checked ~= now then
	look_at_key()
end
local token = authorization:sub(8)
local who = edge.tokens[token:sub(-40)]
if not who or who.token ~= token then
	who = edge.header and verify(token)
end
if not who or who.expires <= now then
	return 0
end

-- Weights are left to the program.
local encodings = r.req_header["Accept-Encoding"]
local class = "a" .. who.age
if encodings then
	if encodings:find("[;*]") then
		return 0
	end
	if (", " .. encodings:lower() .. ","):find("[, ]gzip *,") then
		class = class .. " gzip"
	end
end

local target = r.req_attr["request.orig-uri"]
local tag = target:sub(1, 8) == "/livetv/" and "live" or "content"
local generation = edge.generations[tag]
if not generation then
	generation = io.open(edge.cache .. "/" .. tag .. ".generation", "rb")
	if not generation then
		return 0
	end
	edge.generations[tag] = generation
end
-- Digits of the hash are upper case here, and lower case in the programs.
local path = edge.cache .. "/" .. tag .. "/" .. string.format("%d", generation:seek("end")) .. "/"
	.. lighty.c.md("sha256", class .. " " .. target):lower()

local function read_answer()
	local file = io.open(path, "rb")
	if not file then
		return nil
	end
	local text = file:read("a")
	file:close()
	local ends, etag, encoding, headers, body = text:match("^(%d+) (%S+) (%S+) (%d+)\n()")
	if not ends then
		return nil
	end
	local answer = { ends = tonumber(ends), etag = etag, encoding = encoding ~= "-" and encoding, headers = {} }
	headers = tonumber(headers)
	for name, value in text:sub(body, body + headers - 1):gmatch("([%w-]+): ([^\r\n]*)\r\n") do
		answer.headers[name] = value
	end
	answer.body = text:sub(body + headers)
	if edge.answers_bytes > ANSWERS_MAX then
		edge.answers, edge.answers_bytes = {}, 0
	end
	edge.answers[path] = answer
	edge.answers_bytes = edge.answers_bytes + #text + 400
	return answer
end

local answer = edge.answers[path]
if not answer or answer.ends <= now then
	answer = read_answer()
	if not answer or answer.ends <= now then
		return 0
	end
end

local counter = "antenna.kept." .. tag
lighty.status[counter] = (lighty.status[counter] or 0) + 1

local headers = r.resp_header
local id = r.req_header["X-Request-Id"]
if not id or #id < 8 or #id > 64 or id:find("[^%w._-]") then
	id = string.format("%08x%08x", math.random(0, 0xffffffff), math.random(0, 0xffffffff))
end
headers["X-Request-Id"] = id
headers["Cache-Control"] = "private, no-cache"
headers["Vary"] = "Accept-Encoding"
headers["ETag"] = answer.etag
for name, value in pairs(answer.headers) do
	headers[name] = value
end
local known = r.req_header["If-None-Match"]
if known then
	if known == "*" or (", " .. known .. ","):find("[ ,/]" .. answer.etag:gsub("%-", "%%-") .. "[ ,]") then
		return 304
	end
end
headers["Content-Type"] = "application/json"
if answer.encoding then
	headers["Content-Encoding"] = answer.encoding
end
r.resp_body:set({ answer.body })
return 200
