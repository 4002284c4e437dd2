-- Sends the requests of the file $REQUESTS in turn, and prints one line of JSON. A request is a line of method, path, token, body
-- and headers, with tabs between them; "@seq@" in a body becomes a number that grows.
-- With $RATE so many are due each second, evenly: wrk waits until then, in whole milliseconds, and counts from when it sends.
local requests, n, i, seq = {}, 0, 0, os.time() * 1000

function init()
	for line in io.lines(os.getenv("REQUESTS")) do
		local method, path, token, body, more = line:match("^([^\t]*)\t([^\t]*)\t([^\t]*)\t([^\t]*)\t([^\t]*)$")
		local headers = {}
		if token ~= "" then headers["Authorization"] = "Bearer " .. token end
		if body ~= "" then headers["Content-Type"] = "application/json" end
		for name, value in (more .. "\31"):gmatch("([^\31]+)\31([^\31]+)\31") do headers[name] = value end
		n = n + 1
		if body:find("@seq@", 1, true) then
			requests[n] = function()
				seq = seq + 1
				return wrk.format(method, path, headers, (body:gsub("@seq@", string.format("%d", seq))))
			end
		else
			local text = wrk.format(method, path, headers, body ~= "" and body or nil)
			requests[n] = function() return text end
		end
	end
	i = tonumber(os.getenv("START") or "0") % n
end

local rate = tonumber(os.getenv("RATE"))
if rate then
	local ffi = require("ffi")
	ffi.cdef("struct instant { long s, ns; }; int clock_gettime(int clock, struct instant *now);")
	local instant, due = ffi.new("struct instant")
	function delay()
		ffi.C.clock_gettime(1, instant)
		local now = tonumber(instant.s) * 1e3 + tonumber(instant.ns) / 1e6
		due = (due or now) + 1e3 / rate
		return math.max(0, due - now)
	end
end

function request()
	i = i % n + 1
	return requests[i]()
end

function done(s, latency)
	io.write(string.format('JSON {"requests":%d,"us":%d,"bytes":%d,"bad":%d,"lost":%d,"p50":%d,"p99":%d,"max":%d}\n',
		s.requests, s.duration, s.bytes, s.errors.status, s.errors.connect + s.errors.read + s.errors.write + s.errors.timeout,
		latency:percentile(50), latency:percentile(99), latency.max))
end
