-- Reads the head of a leased lane. Apart from claim, because which lists a claim will touch is not known before it ran, and
-- a cluster wants every key declared.
--
-- KEYS  1 q  2 l  3 e
-- ARGV  1 lane  2 token
-- Answer  {'stale'}, {'lost', event id} where Redis no longer has the event, {'skipped', event id} where it is to be set aside, or
--       {'head', event id, stored event, attempts so far}
local record = read_lane(KEYS[2], ARGV[1])
if not record or record.token ~= ARGV[2] then return { 'stale' } end
local id = redis.call('LINDEX', KEYS[1], 0)
local stored = redis.call('HGET', KEYS[3], id)
if not stored then return { 'lost', id } end
if record.skips == id then return { 'skipped', id } end
return { 'head', id, stored, int(record.attempts) }
