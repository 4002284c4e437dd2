-- lighttpd's own errors as problem+json (RFC 9457). Runs when an answer's header is ready; an error
-- that a program wrote is told from lighttpd's by its Content-Type and left alone.
local r = lighty.r
local status = r.req_item["http_status"]
if status < 400 then
	return 0
end

local kind = r.resp_header["Content-Type"]
if kind and not kind:find("^text/html") then
	return 0
end

local problems = {
	[400] = { "bad_request", "Bad Request", "The request is not well-formed HTTP." },
	[403] = { "forbidden", "Forbidden", "This is not served." },
	[404] = { "not_found", "Not Found", "There is nothing at this address." },
	[405] = { "method_not_allowed", "Method Not Allowed", "The address does not take this method." },
	[408] = { "request_timeout", "Request Timeout", "The request took too long to arrive." },
	[410] = { "gone", "Gone", "This address is over. Ask for a new one." },
	[411] = { "length_required", "Length Required", "The request needs a Content-Length, if only of 0: curl sends one with -d ''." },
	[413] = { "body_too_large", "Content Too Large", "The request body is too large." },
	[414] = { "uri_too_long", "URI Too Long", "The address is too long." },
	[416] = { "range_not_satisfiable", "Range Not Satisfiable", "The file does not have this range." },
	[417] = { "expectation_failed", "Expectation Failed", "The expectation cannot be met." },
	[421] = { "misdirected", "Misdirected Request", "This service does not answer to that host, or not in clear text." },
	[431] = { "headers_too_large", "Request Header Fields Too Large", "The header is too large." },
	[500] = { "internal_error", "Internal Server Error", "The request could not be completed." },
	[501] = { "not_implemented", "Not Implemented", "The method is not known here." },
	[502] = { "bad_gateway", "Bad Gateway", "The service gave no usable answer." },
	[503] = { "unavailable", "Service Unavailable", "The service is not available at the moment." },
	[504] = { "timeout", "Gateway Timeout", "The service did not answer in time." },
	[505] = { "version_not_supported", "HTTP Version Not Supported", "This is HTTP/1.1." },
}
local problem = problems[status] or { "error", "Error", "The request was refused." }

-- The client's id when it is one, as the programs do it, else 128 random bits.
local function request_id()
	local id = r.req_header["X-Request-Id"]
	if id and #id >= 8 and #id <= 64 and id:find("^[%w._-]+$") then
		return id
	end
	local words = {}
	for i = 1, 4 do
		words[i] = string.format("%08x", lighty.c.rand() & 0xffffffff)
	end
	return table.concat(words)
end

local id = request_id()
local body = string.format(
	'{"type":"/docs/problems.html#%s","title":"%s","status":%d,"detail":"%s","code":"%s","request_id":"%s"}',
	problem[1], problem[2], status, problem[3], problem[1], id)

r.resp_header["Content-Type"] = "application/problem+json"
r.resp_header["Cache-Control"] = "no-store"
r.resp_header["X-Request-Id"] = id
if status == 405 and not r.resp_header["Allow"] then
	r.resp_header["Allow"] = "GET, HEAD, OPTIONS"
end
if status == 416 and r.req_env["TV_FILE_SIZE"] then -- by conf/media.lua: lighttpd drops its headers
	r.resp_header["Content-Range"] = "bytes */" .. r.req_env["TV_FILE_SIZE"]
end
if status == 503 then
	r.resp_header["Retry-After"] = "2"
end
r.resp_body.set({ body })
-- A status, not 0: it says that the body is complete.
return status
