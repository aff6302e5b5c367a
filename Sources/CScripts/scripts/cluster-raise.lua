-- raise "generation run": begins a generation, if it is newer than what is in force.
local era = redis.call('HMGET', KEYS[1], 'gen', 'run')
local new, run = string.match(ARGV[1], '^(%d+) (%x+)$')
if era[1] and era[2] and tonumber(new) <= tonumber(era[1]) then
  return {'STALE', era[1] .. ' ' .. era[2]}
end
redis.call('HSET', KEYS[1], 'gen', new, 'run', run)
return {'DONE'}
