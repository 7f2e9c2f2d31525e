-- Reads the heads of leased lanes. Apart from claim, because which lists a claim will touch is not known before it ran, and
-- a cluster wants every key declared.
--
-- KEYS  1 l  2 e;  then per lane: q
-- ARGV  per lane: lane, token
-- Answer  per lane: {'stale'}, also where it is empty, {'lost', event id} where Redis no longer has the event, {'skipped', event id} where it is to be
--       set aside, or {'head', event id, stored event, attempts so far}. Of many large events it ends early, after a first one at least:
--       Redis is not to be kept from others, nor a gateway to hold them all.
local l, e = KEYS[1], KEYS[2]
local FIRST_KEY, LARGE = 3, 262144

local function read(q, lane, token)
  local record = read_lane(l, lane)
  if not record or record.token ~= token then return { 'stale' } end
  local id = redis.call('LINDEX', q, 0)
  if not id then return { 'stale' } end
  local stored = redis.call('HGET', e, id)
  if not stored then return { 'lost', id } end
  if record.skips == id then return { 'skipped', id } end
  return { 'head', id, stored, int(record.attempts) }
end

local answer, bytes = {}, 0
for i = FIRST_KEY, #KEYS do
  local lane = 2 * (i - FIRST_KEY)
  local head = read(KEYS[i], ARGV[lane + 1], ARGV[lane + 2])
  answer[#answer + 1] = head
  bytes = bytes + #(head[3] or '')
  if bytes >= LARGE then break end
end
return answer
