-- list nid cursor
local found = redis.call('SSCAN', p .. 'own:' .. ARGV[2], ARGV[3], 'COUNT', 100)
return {'LISTED', found[1], found[2]}
