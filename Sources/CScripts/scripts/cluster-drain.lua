-- drain nid life state: u or d.
local record = redis.call('HGET', p .. 'members', me)
redis.call('HSET', p .. 'members', me, ARGV[4] .. string.sub(record, 2))
return {'DONE'}
