-- Tells some lanes of some targets, of each those first whose heads were accepted first, and last those whose head is being delivered
-- for the first time.
--
-- KEYS  1 l;  then per target: a, w
-- ARGV  1 the lanes' state: ready, leased, waiting or parked, or empty for any; of all registered webhooks together lanes are told whatever
--       their state, but for those whose head is being delivered for the first time  2 from when heads were accepted on, in ms
--       3 of those accepted then only lanes behind this one  4 how many of each target at most  5 lease in ms;  then the targets, or webhooks
-- Answer  per target: up to when and which lane it looked, both empty when there are no more;  how many lanes;  then per lane: when its
--       head was accepted, 9007199254740991 when it is being delivered for the first time;  the lane
--
-- Lanes stand in the order of their heads' time, and of their names' bytes within that. Redis does nothing else meanwhile: of each target
-- it looks at so many lanes and no more. Where very many are about to be retried, some that are delivered for the first time are not seen.
local LOOKED_AT = 1000
local l, wanted, from, after, most = KEYS[1], ARGV[1], tonumber(ARGV[2]), ARGV[3], tonumber(ARGV[4])
local lease = tonumber(ARGV[5])
local LATEST = 9007199254740991
local at = now()

local function state_of(lane, claimable)
  if claimable == 'inf' then return 'parked' end
  if tonumber(claimable) <= at then return 'ready' end
  return read_lane(l, lane).token == '0' and 'waiting' or 'leased'
end

local answer = {}
local function look(a, w, target)
  local every = target == 'webhooks'
  local own = every and '' or target .. ':'
  local found, looked, place, looked_until, looked_lane = {}, 0, 0, '', ''
  local function see(accepted, lane, claimable)
    if every or claimable and (wanted == '' or state_of(lane, claimable) == wanted) then
      found[#found + 1] = accepted
      found[#found + 1] = lane
    end
  end
  local function is_enough() return #found >= 2 * most or looked >= LOOKED_AT end

  while from < LATEST and not is_enough() do
    local some = redis.call('ZRANGEBYSCORE', a, from, '+inf', 'WITHSCORES', 'LIMIT', place, 100)
    if #some == 0 then break end
    for i = 1, #some, 2 do
      local lane, accepted = some[i], some[i + 1]
      place = place + 1
      if tonumber(accepted) > from or is_behind(lane, after) then
        looked = looked + 1
        -- Those of registered webhooks stand together.
        if string.sub(lane, 1, #own) == own then see(accepted, lane, not every and redis.call('ZSCORE', w, lane)) end
        if is_enough() then
          looked_until, looked_lane = accepted, lane
          break
        end
      end
    end
  end
  if looked_until == '' and not every and (wanted == '' or wanted == 'leased') then
    local first_time = {}
    for _, lane in ipairs(redis.call('ZRANGEBYSCORE', w, '(' .. int(at), int(at + lease), 'LIMIT', 0, LOOKED_AT)) do
      if not redis.call('ZSCORE', a, lane) and (from < LATEST or is_behind(lane, after)) then
        first_time[#first_time + 1] = lane
      end
    end
    table.sort(first_time, function(one, other) return is_behind(other, one) end)
    for _, lane in ipairs(first_time) do
      if #found >= 2 * most then
        looked_until, looked_lane = int(LATEST), found[#found]
        break
      end
      found[#found + 1] = int(LATEST)
      found[#found + 1] = lane
    end
  end
  answer[#answer + 1] = looked_until
  answer[#answer + 1] = looked_lane
  answer[#answer + 1] = #found / 2
  for _, value in ipairs(found) do answer[#answer + 1] = value end
end

for i = 6, #ARGV do look(KEYS[2 * (i - 5)], KEYS[2 * (i - 5) + 1], ARGV[i]) end
return answer
