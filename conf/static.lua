-- Requests for files that static.conf does not let through: other methods than GET and HEAD, and
-- hidden or left-over files, which do not exist for the outside. errors.lua writes the bodies and
-- Allow.
local r = lighty.r
local method = r.req_attr["request.method"]

if method == "GET" or method == "HEAD" then
	return 404
end
if method == "OPTIONS" then
	r.resp_header["Allow"] = "GET, HEAD, OPTIONS"
	return 204
end
return 405
