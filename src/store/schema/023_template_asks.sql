-- Whom a template asks, and how urgently: both belong to what is asked again and again.
ALTER TABLE form_template ADD COLUMN recipient TEXT;
ALTER TABLE form_template ADD COLUMN urgency TEXT;
