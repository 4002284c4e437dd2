-- Kept answers (lib/store.h), given out without a program. Any doubt — no token, a token that is not
-- plainly good, another method, an answer that is not there — falls through, and the program answers:
-- every error is the program's. What is kept was found valid by the program, so nothing of a request
-- is parsed here but its token, and what its Accept-Encoding comes to, which others are told.
--
-- A chunk runs anew for each request; what it remembers, functions included, stays with the
-- interpreter. A reload makes another lighty object: functions that stay are handed the one of now.
local edge = package.loaded["antenna.edge"]
if not edge then
	edge = {
		cache = os.getenv("TV_CACHE"),
		generations = {}, -- by tag: { file, size }; the file is kept open, its size is the generation
		tokens = {}, tokens_n = 0, -- by the end of the header, which is of the signature
		answers = {}, answers_bytes = 0, -- of this minute, by class, then by target
		lease = 3, -- seconds, at most
		encodings = {}, encodings_n = 0, -- by the header
		hex = {}, -- three digits by their number
		checked = 0, -- when the key and the clock were looked at
		opened = 0, -- files given out in this part of a minute
		ends = 0, -- the lease, as it was read last
		time = os.time, random = math.random, format = string.format, unpack = string.unpack,
	}
	edge.on = os.getenv("TV_EDGE") ~= "off" and edge.cache and edge.cache ~= ""
	package.loaded["antenna.edge"] = edge
	for i = 0, 4095 do
		edge.hex[i] = string.format("%03x", i)
	end
	-- Nearly all of a request's garbage is young.
	collectgarbage("generational")

	local TOKENS_MAX = 8192
	local ANSWERS_MAX = 32 * 1024 * 1024 -- bytes in memory
	local TOKEN_LIFE = 900
	local ENCODINGS_MAX = 256
	-- lighttpd sends a file without copying it, and keeps it open some seconds.
	local FILE_FROM = 16384
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

	-- Whether an answer may be packed (RFC 9110, 12.5.3), and the header in plain words where it has more than names: neither
	-- lighttpd's packing nor the programs know weights. What cannot be understood is refused, and so is what is once.
	function edge.weigh(list)
		local weights = {}
		for name, rest in list:lower():gmatch("([^,;%s]+)%s*([^,]*)") do
			name = name == "x-gzip" and "gzip" or name
			local given = rest:match("^;%s*q=([01]%.?%d*)%s*$")
			weights[name] = math.min(weights[name] or 1, rest == "" and 1 or tonumber(given) or 0)
		end
		local gzip = weights.gzip or 0
		local known = { packed = gzip > 0 and gzip >= (weights.identity or 0) }
		if list:find("[^a-z, ]") or list:find("%a +%a") then
			known.plainly = known.packed and "gzip" or "identity"
		end
		if edge.encodings_n >= ENCODINGS_MAX then
			edge.encodings, edge.encodings_n = {}, 0
		end
		edge.encodings[list] = known
		edge.encodings_n = edge.encodings_n + 1
		return known
	end

	-- The generation of what a target belongs to; nil without its file.
	function edge.generation(target)
		local tag = target:byte(2) == 108 and "live" -- /l…
			or target:byte(2) == 115 and "plans" -- /s…
			or "content"
		local generation = edge.generations[tag]
		if not generation then
			local file = io.open(edge.cache .. "/" .. tag .. ".generation", "rb")
			if not file then
				return nil
			end
			file:setvbuf("no") -- a look is one system call
			generation = { tag = tag, file = file, size = file:seek("end"), counter = "antenna.kept." .. tag }
			edge.generations[tag] = generation
		end
		return generation
	end

	-- Whether kept answers may be given out this second (lib/lease.h), by the file, which is read when what it said before
	-- is over: who gives the lease up ends all generations as well.
	function edge.may(now)
		local file = io.open(edge.cache .. "/lease", "rb")
		local text = file and file:read(8)
		if file then
			file:close()
		end
		edge.ends = text and #text == 8 and edge.unpack("=i8", text) // 1000000 or 0
		return now < edge.ends and edge.ends - now <= edge.lease
	end

	-- From its file; nil when there is none. Digits of the hash are lower case in the programs.
	function edge.read(c, class, target, generation)
		local key = class .. edge.minute .. target
		local path = edge.format("%s/%s/%d/%s", edge.cache, generation.tag, generation.size, c.md("sha256", key):lower())
		local file = io.open(path, "rb")
		if not file then
			return nil
		end
		local text = file:read("a")
		file:close()
		local etag, encoding, length, body = text:match("^(%S+) (%S+) (%d+)\n()")
		if not etag then
			return nil
		end
		-- Names and values by turns; a 304 has only the first of them.
		local headers = { "Cache-Control", "private, no-cache", "Vary", "Accept-Encoding", "ETag", etag }
		length = tonumber(length)
		for name, value in text:sub(body, body + length - 1):gmatch("([%w-]+): ([^\r\n]*)\r\n") do
			headers[#headers + 1], headers[#headers + 2] = name, value
		end
		local answer = { of = generation, generation = generation.size, etag = etag, headers = headers, unchanged = #headers }
		headers[#headers + 1], headers[#headers + 2] = "Content-Type", "application/json"
		if encoding ~= "-" then
			headers[#headers + 1], headers[#headers + 2] = "Content-Encoding", encoding
		end
		body = body + length
		answer.length = #text - body + 1
		if answer.length < FILE_FROM then
			answer.body = { text:sub(body) }
		else
			answer.body = { { filename = path, offset = body - 1, length = answer.length } }
			answer.is_file = true
			text = ""
		end
		if edge.answers_bytes > ANSWERS_MAX then
			edge.answers, edge.answers_bytes = {}, 0
		end
		local shelf = edge.answers[class] or {}
		edge.answers[class] = shelf
		shelf[target] = answer
		edge.answers_bytes = edge.answers_bytes + #text + #key + 1000
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

	-- Sets a body that is a file; false when that is not there any more, or too many are open already.
	function edge.give_file(body, answer)
		if not edge.may_open(answer) then
			return false
		end
		body:set(answer.body)
		if body.bytes_in == answer.length then
			return true
		end
		answer.generation = -1
		body:set({})
		return false
	end
end

local r = lighty.r
local request, attributes = r.req_header, r.req_attr
local encodings = request["Accept-Encoding"]
encodings = encodings and (edge.encodings[encodings] or edge.weigh(encodings))
if encodings and encodings.plainly then
	request["Accept-Encoding"] = encodings.plainly
end
if not edge.on then
	return 0
end
local authorization = request["Authorization"]
if not authorization then
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
-- lighttpd refuses these two with a body.
local method = attributes["request.method"]
if method ~= "GET" and method ~= "HEAD" then
	return 0
end

local class = encodings and encodings.packed and who.packed or who.plain
if (now >= edge.ends or edge.ends - now > edge.lease) and not edge.may(now) then
	return 0
end
local target = attributes["request.orig-uri"]
local answer = edge.answers[class]
answer = answer and answer[target]
local generation = answer and answer.of or edge.generation(target)
if not generation then
	return 0
end
-- It only grows: there is something to read when it is another one.
if generation.file:read(1) then
	generation.size = generation.file:seek("end")
end
if not answer or answer.generation ~= generation.size then
	answer = edge.read(lighty.c, class, target, generation)
	if not answer then
		return 0
	end
end

local known = request["If-None-Match"]
local same = known and (known == "*" or (", " .. known .. ","):find("[ ,/]" .. answer.etag:gsub("%-", "%%-") .. "[ ,]"))
if not same then
	if not answer.is_file then
		r.resp_body:set(answer.body)
	elseif not edge.give_file(r.resp_body, answer) then
		return 0
	end
end

local status, counter = lighty.status, generation.counter
status[counter] = (status[counter] or 0) + 1

local id = request["X-Request-Id"]
if not id or #id < 8 or #id > 64 or id:find("[^%w._-]") then
	local n, hex = edge.random(0), edge.hex
	id = hex[n & 4095] .. hex[n >> 12 & 4095] .. hex[n >> 24 & 4095] .. hex[n >> 36 & 4095] .. hex[n >> 48 & 4095]
end
local headers, list = r.resp_header, answer.headers
headers["X-Request-Id"] = id
for i = 1, same and answer.unchanged or #list, 2 do
	headers[list[i]] = list[i + 1]
end
return same and 304 or 200
