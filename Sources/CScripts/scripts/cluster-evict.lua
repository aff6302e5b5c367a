-- evict nid life incarnation sequence view: declares dead who has not moved at all. Who has no record
-- gets that of a dead member, so that it can't come back in that life.
if (redis.call('GET', p .. 'view') or '0') ~= ARGV[6] then return {'REFUSED'} end
local key = p .. 'members'
local record = redis.call('HGET', key, ARGV[2])
if record then
  local state, life, inc, seq = string.match(record, '^(%a) (%d+) (%d+) (%d+) ')
  if state == 'x' or life ~= ARGV[3] or inc ~= ARGV[4] or seq ~= ARGV[5] then
    return {'REFUSED'}
  end
  redis.call('HSET', key, ARGV[2], 'x' .. string.sub(record, 2))
  redis.call('INCR', p .. 'view')
else
  local view = whole(redis.call('INCR', p .. 'view'))
  redis.call('HSET', key, ARGV[2],
    table.concat({'x', ARGV[3], ARGV[4], ARGV[5], view, '0 0 0 0 0 0 0 0'}, ' '))
end
return everybody(0)
