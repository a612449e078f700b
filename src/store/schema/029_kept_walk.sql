-- A page of what is kept is read from the index alone: with keeps in it, no row of request is looked at (024).
DROP INDEX request_kept_unit;
CREATE INDEX request_kept_unit ON request (unit, expiry_us, id, case_id, incoming, state, partner, measure, urgency,
    officer, exercise, keeps)
  WHERE keeps = 1;
