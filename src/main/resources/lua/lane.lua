-- Tells what lanes are at.
--
-- KEYS  1 l  2 e;  then per lane: q, w
-- ARGV  the lanes
-- Answer  per lane, all empty where there is none: its head, when that was accepted, how often it has failed, why it failed last,
--       how many events are queued, the state, ms until it may be claimed (0 unless it waits),
--       whether it will be parked (1 or 0), the event that will be set aside or empty
local l, e = KEYS[1], KEYS[2]
local at = now()
local answer = {}
for i, lane in ipairs(ARGV) do
  local q, w = KEYS[1 + 2 * i], KEYS[2 + 2 * i]
  local record, head, claimable = read_lane(l, lane), redis.call('LINDEX', q, 0), redis.call('ZSCORE', w, lane)
  local told = { '', '', '', '', '', '', '', '', '' }
  if record and head and claimable then
    local left = claimable == 'inf' and 0 or math.max(0, tonumber(claimable) - at)
    local state = claimable == 'inf' and 'parked' or left == 0 and 'ready' or record.token == '0' and 'waiting' or 'leased'
    told = {
      head, accepted_at(redis.call('HGET', e, head)), int(record.attempts), record.reason,
      int(redis.call('LLEN', q)), state, state == 'waiting' and int(left) or '0',
      record.parks and '1' or '0', record.skips
    }
  end
  for _, value in ipairs(told) do answer[#answer + 1] = value end
end
return answer
