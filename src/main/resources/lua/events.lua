-- Tells some events of which a history is kept, those first that were accepted first.
--
-- KEYS  1 times of history  2 history
-- ARGV  1 from when they were accepted on, in microseconds  2 of those accepted then only events whose id is behind this one  3 up to when
--       4 how many at most  5 source  6 type  7 ordering key, with its kind  8 a target: only those that it has taken;  each of these four
--       empty for any
-- Answer  when the last one was accepted that was looked at and its id, both empty when there are no more;  then per event: when it was
--       accepted, in microseconds and in ms, its id, with what its history begins, the lane in which the target has taken it
--
-- Redis does nothing else meanwhile: it looks at so many events and no more.
local LOOKED_AT = 500
local from, after, till, most = tonumber(ARGV[1]), ARGV[2], ARGV[3], tonumber(ARGV[4])
local source, kind, order, target = ARGV[5], ARGV[6], ARGV[7], ARGV[8]

local answer = { '', '' }
local place, looked, found = 0, 0, 0
local function look(id, accepted)
  looked = looked + 1
  local told = redis.call('HGET', KEYS[2], id)
  if told then
    local millis, beginning, its_source, its_kind, its_order = string.match(told, '^([^\n]*)\n(([^\t]*)\t([^\t]*)\t([^\t\n]*))')
    local lane = target ~= '' and taken_in(told, target)
    if (source == '' or its_source == source) and (kind == '' or its_kind == kind) and (order == '' or its_order == order)
      and (target == '' or lane) then
      found = found + 1
      answer[#answer + 1] = accepted
      answer[#answer + 1] = millis
      answer[#answer + 1] = id
      answer[#answer + 1] = beginning
      answer[#answer + 1] = lane or ''
    end
  end
  return looked == LOOKED_AT or found == most
end

while answer[1] == '' do
  local some = redis.call('ZRANGEBYSCORE', KEYS[1], from, till, 'WITHSCORES', 'LIMIT', place, 100)
  if #some == 0 then break end
  place = place + #some / 2
  for i = 1, #some, 2 do
    local id, accepted = some[i], some[i + 1]
    if (tonumber(accepted) > from or is_behind(id, after)) and look(id, accepted) then
      answer[1], answer[2] = accepted, id
      break
    end
  end
end
return answer
