-- Tells where an event stands in some lanes.
--
-- KEYS  1 l;  then per lane: q, w
-- ARGV  1 event id;  then the lanes
-- Answer  per lane: how many stand before it, 1000 for that many or more, -1 when it is not there;  1 when the lane is leased;  ms until the lane can be
--       claimed, - when it is parked
local MOST_AHEAD = 1000
local at = now()
local answer = {}
for i = 2, #ARGV do
  local record = read_lane(KEYS[1], ARGV[i])
  local claimable = redis.call('ZSCORE', KEYS[2 * i - 1], ARGV[i])
  local ahead = redis.call('LPOS', KEYS[2 * i - 2], ARGV[1], 'MAXLEN', MOST_AHEAD)
  if not ahead and redis.call('LLEN', KEYS[2 * i - 2]) > MOST_AHEAD then ahead = MOST_AHEAD end
  answer[#answer + 1] = ahead or -1
  answer[#answer + 1] = record and record.token ~= '0' and 1 or 0
  answer[#answer + 1] = (not claimable or claimable == 'inf') and '-' or int(math.max(0, claimable - at))
end
return answer
