-- Whose first meetings lead to a second one? Ranked by the lower end of the interval, so that few meetings and luck do not win.
WITH today (day) AS (SELECT coalesce(@today, '2022-06-30'))
SELECT
  rank() OVER (ORDER BY conversation.low DESC) AS place,
  conversation.name AS seller,
  conversation.first_meetings,
  conversation.second_meetings,
  conversation.pending,
  round(conversation.second_meeting_rate, 2) AS rate,
  round(conversation.low, 2) AS low,
  round(conversation.high, 2) AS high,
  conversation.median_days_to_second AS median_days
FROM today, conversation_effectiveness(date(today.day, '-1 year', '1 day'), today.day, 'owner') AS conversation
WHERE conversation.low IS NOT NULL
ORDER BY conversation.low DESC, conversation.name;
