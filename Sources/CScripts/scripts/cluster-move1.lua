-- move1 channel token target life: notes where the call is about to move.
local record = redis.call('HGET', p .. 'members', ARGV[4])
if not record or string.match(record, '^u (%d+) ') ~= ARGV[5] then return {'REFUSED'} end
redis.call('HSET', p .. 'room:' .. channel, 'tgt', ARGV[4], 'tgtlife', ARGV[5])
return {'DONE'}
