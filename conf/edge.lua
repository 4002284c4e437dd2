-- Kept answers (lib/store.h), given out without a program. Any doubt — no token, a token that is not
-- plainly good, another method, an answer that is not there — falls through, and the program answers:
-- every error is the program's. What is kept was found valid by the program, so nothing of a request
-- is parsed here but its token.
--
-- A chunk runs anew for each request; what it remembers, functions included, stays with the
-- interpreter. A reload makes another lighty object: functions that stay are handed the one of now.
local edge = package.loaded["antenna.edge"]
if not edge then
	edge = {
		cache = os.getenv("TV_CACHE"),
		generations = {}, -- files, kept open: their size is the generation
		tokens = {}, tokens_n = 0, -- by the end of the header, which is of the signature
		answers = {}, answers_bytes = 0, -- by class and target
		checked = 0, -- when the key and the clock were looked at
		opened = 0, -- files given out in this part of a minute
		ends = 0, -- the lease, as it was read last
		time = os.time, random = math.random, format = string.format, unpack = string.unpack,
	}
	edge.on = os.getenv("TV_EDGE") ~= "off" and edge.cache and edge.cache ~= ""
	package.loaded["antenna.edge"] = edge
	-- Nearly all of a request's garbage is young.
	collectgarbage("generational")

	local TOKENS_MAX = 8192
	local ANSWERS_MAX = 32 * 1024 * 1024 -- bytes in memory
	local TOKEN_LIFE = 900
	-- lighttpd sends a file without copying it, and keeps it open some seconds.
	local FILE_FROM = 16384
	local LEASE = 3
	-- So many files in so many seconds: of server.max-fds, clients need the rest.
	local OPEN, OPEN_MAX = 5, 2000

	-- The key may be exchanged at any time: what was verified with the old one is forgotten.
	function edge.look_at_key(c)
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
				local id = c.md("sha256", key):sub(1, 16):lower()
				edge.header = c.b64urlenc('{"alg":"HS256","typ":"at+jwt","kid":"' .. id .. '"}'):gsub("=+$", "")
			end
		end
	end

	-- Once a second. Answers end with their minute.
	function edge.look(c, now)
		edge.look_at_key(c)
		edge.checked = now
		local minute = edge.format("%d ", now // 60)
		if minute ~= edge.minute then
			edge.minute = minute
			edge.answers, edge.answers_bytes = {}, 0
		end
		if now // OPEN ~= edge.window then
			edge.window, edge.opened = now // OPEN, 0
		end
	end

	-- The text is ours once its signature holds: it has the one form that token-sign.c writes.
	local CLAIMS = '^{"iss":"antenna","aud":"antenna","sub":"%d+","sid":%d+,"role":"%a+","pid":%d+,"age":(%d+),'
		.. '"iat":(%d+),"nbf":%d+,"exp":(%d+),"jti":"[%w_-]+"}$'

	-- Who this is, from then on known by all of the header; nil unless it is plainly good.
	function edge.verify(c, authorization, now)
		local token = authorization:match("^Bearer (.+)$")
		if not token or not edge.header or #token > 4096 then
			return nil
		end
		local signed, header, claims, signature = token:match("^(([%w_-]+)%.([%w_-]+))%.([%w_-]+)$")
		if not signed or header ~= edge.header or #signature ~= 43 then
			return nil
		end
		local mac = c.hexdec(c.hmac("sha256", edge.key, signed))
		local given = c.b64urldec(signature)
		if not given or #given ~= 32 or not c.secret_eq(given, mac)
			or c.b64urlenc(given):gsub("=+$", "") ~= signature then
			return nil
		end
		local text = c.b64urldec(claims)
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
		local known = { authorization = authorization, expires = expires,
			plain = "a" .. age .. " ", packed = "a" .. age .. " gzip " }
		edge.tokens[authorization:sub(-40)] = known
		edge.tokens_n = edge.tokens_n + 1
		return known
	end

	-- The size of the file that is the generation of what a target belongs to, and its name.
	function edge.generation(target)
		local tag = target:byte(2) == 108 and "live" -- /l…
			or target:byte(2) == 115 and "plans" -- /s…
			or "content"
		local file = edge.generations[tag]
		if not file then
			file = io.open(edge.cache .. "/" .. tag .. ".generation", "rb")
			if not file then
				return nil
			end
			file:setvbuf("no") -- or each look reads the file, too
			edge.generations[tag] = file
		end
		return file:seek("end"), tag
	end

	-- Whether kept answers may be given out this second (lib/lease.h). The file is read when what it said before is over:
	-- who gives the lease up ends all generations as well.
	function edge.may(now)
		if now >= edge.ends or edge.ends - now > LEASE then
			local file = io.open(edge.cache .. "/lease", "rb")
			local text = file and file:read(8)
			if file then
				file:close()
			end
			edge.ends = text and #text == 8 and edge.unpack("=i8", text) // 1000000 or 0
		end
		return now < edge.ends and edge.ends - now <= LEASE
	end

	-- From its file; nil when there is none. Digits of the hash are lower case in the programs.
	function edge.read(c, key, tag, generation)
		local path = edge.format("%s/%s/%d/%s", edge.cache, tag, generation, c.md("sha256", key):lower())
		local file = io.open(path, "rb")
		if not file then
			return nil
		end
		local text = file:read("a")
		file:close()
		local etag, encoding, headers, body = text:match("^(%S+) (%S+) (%d+)\n()")
		if not etag then
			return nil
		end
		local answer = { generation = generation, etag = etag, headers = {} }
		answer.encoding = encoding ~= "-" and encoding
		headers = tonumber(headers)
		for name, value in text:sub(body, body + headers - 1):gmatch("([%w-]+): ([^\r\n]*)\r\n") do
			answer.headers[name] = value
		end
		body = body + headers
		answer.length = #text - body + 1
		if answer.length < FILE_FROM then
			answer.body = { text:sub(body) }
		else
			answer.body = { { filename = path, offset = body - 1, length = answer.length } }
			text = ""
		end
		if edge.answers_bytes > ANSWERS_MAX then
			edge.answers, edge.answers_bytes = {}, 0
		end
		edge.answers[key] = answer
		edge.answers_bytes = edge.answers_bytes + #text + #key + 400
		return answer
	end

	-- Whether one more file may be opened.
	function edge.may_open(answer)
		if answer.window ~= edge.window then
			if edge.opened >= OPEN_MAX then
				return false
			end
			answer.window = edge.window
			edge.opened = edge.opened + 1
		end
		return true
	end

	-- Sets the body; false when its file is not there any more, or too many are open already.
	function edge.give(body, key, answer)
		if answer.length >= FILE_FROM and not edge.may_open(answer) then
			return false
		end
		body:set(answer.body)
		if body.bytes_in == answer.length then
			return true
		end
		edge.answers[key] = nil
		body:set({})
		return false
	end
end
if not edge.on then
	return 0
end

local r = lighty.r
local request, attributes = r.req_header, r.req_attr
local method, authorization = attributes["request.method"], request["Authorization"]
if (method ~= "GET" and method ~= "HEAD") or not authorization or request["Content-Length"] then
	return 0
end
local now = edge.time()
if edge.checked ~= now then
	edge.look(lighty.c, now)
end
local who = edge.tokens[authorization:sub(-40)]
if not who or who.authorization ~= authorization then
	who = edge.verify(lighty.c, authorization, now)
end
if not who or who.expires <= now then
	return 0
end

-- Weights are left to the program.
local encodings = request["Accept-Encoding"]
local class = who.plain
if encodings then
	if encodings:find("[;*]") then
		return 0
	end
	if (", " .. encodings:lower() .. ","):find("[, ]gzip *,") then
		class = who.packed
	end
end

if not edge.may(now) then
	return 0
end
local target = attributes["request.orig-uri"]
local generation, tag = edge.generation(target)
if not generation then
	return 0
end
local key = class .. edge.minute .. target
local answer = edge.answers[key]
if not answer or answer.generation ~= generation then
	answer = edge.read(lighty.c, key, tag, generation)
	if not answer then
		return 0
	end
end

local headers = r.resp_header
local known = request["If-None-Match"]
local same = known and (known == "*" or (", " .. known .. ","):find("[ ,/]" .. answer.etag:gsub("%-", "%%-") .. "[ ,]"))
if not same and not edge.give(r.resp_body, key, answer) then
	return 0
end

local counter = "antenna.kept." .. tag
lighty.status[counter] = (lighty.status[counter] or 0) + 1

local id = request["X-Request-Id"]
if not id or #id < 8 or #id > 64 or id:find("[^%w._-]") then
	id = edge.format("%016x", edge.random(0))
end
headers["X-Request-Id"] = id
headers["Cache-Control"] = "private, no-cache"
headers["Vary"] = "Accept-Encoding"
headers["ETag"] = answer.etag
for name, value in pairs(answer.headers) do
	headers[name] = value
end
if same then
	return 304
end
headers["Content-Type"] = "application/json"
if answer.encoding then
	headers["Content-Encoding"] = answer.encoding
end
return 200
