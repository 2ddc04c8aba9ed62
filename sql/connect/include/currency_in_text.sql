-- Included in the SELECT of a door's `pipeline_deal`, with the table of its amounts: the currency by what stands beside the digits of
-- `amount_text`, where `amount` could be read. A sign that is none of these is a currency of its own, so that amounts in two of them are never added.
--! if marked {1}.amount
(
  SELECT CASE mark
    WHEN '' THEN NULL WHEN '€' THEN 'EUR' WHEN 'EURO' THEN 'EUR' WHEN 'EUROS' THEN 'EUR' WHEN '$' THEN 'USD' WHEN 'US$' THEN 'USD'
    WHEN '£' THEN 'GBP' WHEN '¥' THEN 'JPY' WHEN '₹' THEN 'INR' WHEN 'FR' THEN 'CHF' WHEN 'R$' THEN 'BRL' WHEN 'C$' THEN 'CAD' WHEN 'CA$' THEN 'CAD'
    WHEN 'A$' THEN 'AUD' WHEN 'AU$' THEN 'AUD' WHEN 'NZ$' THEN 'NZD' WHEN 'HK$' THEN 'HKD' WHEN 'S$' THEN 'SGD' WHEN 'MX$' THEN 'MXN'
    ELSE mark END
  FROM (SELECT upper(trim(amount_text, '0123456789.,+-()'' ' || char(160, 8217, 8239))) AS mark)
  WHERE typeof(amount) <> 'text'
)
--! else
NULL
--! end
