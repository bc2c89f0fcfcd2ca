-- For wrk: asks for every path of the file named behind "--" in turn, or else for the one in the URL,
-- and tells the figures as one line of JSON.

local requests, position = {}, 0

function init(args)
  if not args[1] then
    return -- a request function would cost wrk time for nothing
  end
  for path in io.lines(args[1]) do
    requests[#requests + 1] = wrk.format("GET", path)
  end
  request = function()
    position = position % #requests + 1
    return requests[position]
  end
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '{"requests": %d, "microseconds": %d, "p50": %d, "p99": %d, "failed": %d, "refused": %d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.connect + errors.read + errors.write + errors.timeout, errors.status))
end
