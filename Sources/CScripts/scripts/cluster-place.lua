-- place nid life channel generation count: the last two are of the token to be above, or empty.
local channel, least = ARGV[4], ARGV[5]
if least ~= '' and tonumber(least) > tonumber(generation) then return {'STALE', ground} end
local old = room(channel)
if old[2] and stands(old[2], old[3]) then return {'OCCUPIED', old[1], old[2], old[3]} end
if least == generation then raisecount(tonumber(ARGV[6])) end
local count = redis.call('INCR', p .. 'count')
write(channel, old, generation .. '.' .. string.format('%.0f', count), me, life)
if not old[2] then return {'PLACED', count} end
-- Whose it was is gone, and the call goes on here.
local snapshot = redis.call('GET', p .. 'snap:' .. channel)
return {'TAKEN', channel, count,
  snapshot and string.sub(snapshot, (string.find(snapshot, '\n') or 0) + 1)}
