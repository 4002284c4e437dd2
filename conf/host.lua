-- Requests for hosts that are not ours (TV_HOSTS), and what must not come in clear text: errors.lua
-- writes the body.
return 421
