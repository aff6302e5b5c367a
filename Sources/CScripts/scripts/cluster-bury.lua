-- bury nid life: removes a dead member's record, if nothing is noted under it.
local record = redis.call('HGET', p .. 'members', ARGV[2])
if not record or string.match(record, '^x (%d+) ') ~= ARGV[3]
  or redis.call('SCARD', p .. 'own:' .. ARGV[2]) > 0 then
  return {'REFUSED'}
end
redis.call('HDEL', p .. 'members', ARGV[2])
redis.call('HDEL', p .. 'cards', ARGV[2])
return {'DONE'}
