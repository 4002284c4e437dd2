-- How many kept answers edge.lua gave out, told to the program that answers /metrics: variables of
-- the request, which no header can set.
for _, tag in ipairs({ "content", "live", "plans" }) do
	lighty.r.req_env["ANTENNA_KEPT_" .. tag:upper()] = string.format("%d", lighty.status["antenna.kept." .. tag] or 0)
end
return 0
