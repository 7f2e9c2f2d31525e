-- Counts the lanes of some targets that are ready.
--
-- KEYS  the w of each
-- Answer  how many in all, ms for which the longest of them has been
local at = now()
local ready, longest = 0, 0
for _, w in ipairs(KEYS) do
  ready = ready + redis.call('ZCOUNT', w, '-inf', int(at))
  longest = math.max(longest, longest_ready(w, at))
end
return { ready, int(longest) }
