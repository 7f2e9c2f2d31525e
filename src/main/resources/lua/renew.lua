-- Prolongs many leases of one partition while their attempts run.
--
-- KEYS  1 l;  then the w of each target that occurs
-- ARGV  1 lease in ms;  then per lane: lane, token, which of the w it belongs to (1 for the first)
-- Answer  the lanes whose lease is no longer the asking gateway's
--
-- Keeps: only the holder of the token prolongs; what it does is a write in any case, as who waits for replicas waits for what was
-- written. Begins with a write that needs no memory: a full Redis drains.
redis.call('PERSIST', KEYS[1])
local claimable = now() + tonumber(ARGV[1])
local lost = {}
for i = 2, #ARGV, 3 do
  local record = read_lane(KEYS[1], ARGV[i])
  if record and record.token == ARGV[i + 1] then
    local w = KEYS[1 + tonumber(ARGV[i + 2])]
    if redis.call('ZADD', w, 'XX', 'CH', int(claimable), ARGV[i]) == 0 then
      redis.call('ZADD', w, 'XX', int(claimable + 1), ARGV[i])
    end
  else
    lost[#lost + 1] = ARGV[i]
  end
end
return lost
