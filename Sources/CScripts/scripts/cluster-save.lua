-- save channel token sequence picture
redis.call('SET', p .. 'snap:' .. channel, ARGV[3] .. ' ' .. ARGV[4] .. '\n' .. ARGV[5])
return {'DONE'}
