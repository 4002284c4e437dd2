-- Signed media: /media/<id>[.<directory>[.<quality>]]/<expiry>-<signature>/<file> is served from the
-- directory (or the one that is named like the id) when lib/media.c has signed it: 403 when it has not,
-- 410 when it is over. The keys are read for each request, so a new one needs no restart. With a quality,
-- better renditions (directories named by their lines: 1080p) are refused and not in the master playlist.
local r = lighty.r
local c = lighty.c
local method = r.req_attr["request.method"]

if method == "OPTIONS" then
	r.resp_header["Allow"] = "GET, HEAD, OPTIONS"
	return 204
end
if method ~= "GET" and method ~= "HEAD" then
	return 405
end

local served = { m3u8 = true, m4s = true, mp4 = true, ts = true, vtt = true, jpg = true, png = true }

-- The address as it was sent: nothing in it is encoded, and there is one way to write it.
local subject, expiry, signature, file, ending = r.req_attr["request.orig-uri"]:match(
	"^/media/([%w.-]+)/(%d+)%-([0-9a-f]+)/([%w/_-]+%.(%w+))$")
if not subject or #signature ~= 64 or #expiry > 12 or not served[ending] then
	return r.req_attr["request.orig-uri"]:find("^/media/[^/]+/%d+%-[0-9a-f]+/") and 404 or 403
end
local id, directory, quality = subject:match("^(%d+)%.([a-z0-9][a-z0-9-]*)%.(%l+)$")
if not id then
	id, directory = subject:match("^(%d+)%.([a-z0-9][a-z0-9-]*)$")
end
id = id or subject:match("^%d+$")
local best = quality and ({ sd = 576, hd = 1080 })[quality]
if not id or quality and not best then
	return 403
end
local function too_good(name)
	local lines = name:match("^(%d+)p/")
	return best and lines and tonumber(lines) > best
end

local function read_key(path)
	local f = path and path ~= "" and io.open(path, "rb")
	if not f then
		return nil
	end
	local key = f:read(4096)
	f:close()
	return key
end

-- As lib/conf.c: the value goes before the file, the previous key's file is beside the key's.
local function keys()
	local value, path = os.getenv("TV_MEDIA_KEY"), os.getenv("TV_MEDIA_KEY_FILE")
	local before, before_path = os.getenv("TV_MEDIA_KEY_PREVIOUS"), os.getenv("TV_MEDIA_KEY_PREVIOUS_FILE")
	if not before_path or before_path == "" then
		before_path = path and path ~= "" and path .. ".previous"
	end
	local current = value and value ~= "" and value or read_key(path)
	return current, function()
		return before and before ~= "" and before or read_key(before_path)
	end
end

local text = "antenna/media\n" .. subject .. "\n" .. expiry
local function holds(key)
	return key and #key >= 32 and c.secret_eq(c.hmac("sha256", key, text):lower(), signature)
end

local current, previous = keys()
if not current or #current < 32 then
	return 503
end
if not holds(current) and not holds(previous()) then
	return 403
end
local left = tonumber(expiry) - os.time()
if left <= 0 then
	return 410
end

if too_good(file) then
	return 403
end

-- The one range that is asked for, as lighttpd takes it; nil: none, so the whole file is sent (RFC 9110, 14.2);
-- false: the file does not have it.
local function part(range, size)
	local first, last = range:match("^bytes=(%d*)%-(%d*)$")
	if not first or first .. last == "" then
		return nil
	end
	local from, to = tonumber(first), tonumber(last)
	if not from then
		return to > 0 and size > 0 and "bytes=-" .. math.min(to, size)
	elseif to and to < from then
		return nil
	end
	return from < size and string.format("bytes=%d-%d", from, math.min(to or size, size - 1))
end

local root = os.getenv("TV_MEDIA_DIR")
if not root or root == "" then
	root = os.getenv("TV_STATE") .. "/media"
end
root = root .. "/" .. (directory or id)
local path = root .. "/" .. file
local st = c.stat(path)
if not st or not st.is_file then
	return 404
end
-- lighttpd's own 416 comes after conf/errors.lua has run, and is HTML.
local asked = r.req_header["Range"]
if asked and method == "GET" then
	local range = part(asked, st.st_size)
	if range == false and not r.req_header["If-Range"] then
		r.req_env["TV_FILE_SIZE"] = tostring(st.st_size)
		return 416
	end
	r.req_header["Range"] = range or ""
end
-- What a directory holds never changes; the address ends with the right.
r.resp_header["Cache-Control"] = "private, max-age=" .. math.floor(left) .. ", immutable"
if best and file == "master.m3u8" then
	local f = io.open(path, "rb")
	if not f then
		return 404
	end
	local text = f:read(65536) or ""
	f:close()
	r.resp_header["Content-Type"] = "application/vnd.apple.mpegurl"
	r.resp_body:set({ (text:gsub("#EXT%-X%-STREAM%-INF:[^\n]*\n([^\n]*)\n?", function(uri)
		return too_good(uri) and "" or nil
	end)) })
	return 200
end
r.req_attr["physical.doc-root"] = root
r.req_attr["physical.path"] = path
r.req_attr["physical.rel-path"] = "/" .. file
return 0
