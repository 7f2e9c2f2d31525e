-- Counts the lanes of some targets that are ready.
--
-- KEYS  the w of each
-- Answer  how many in all
local at = int(now())
local ready = 0
for _, w in ipairs(KEYS) do ready = ready + redis.call('ZCOUNT', w, '-inf', at) end
return ready
