-- A mistake in a program must not reach it; who writes SQL by hand is found by the hashes.
CREATE TRIGGER audit_record_stays BEFORE UPDATE ON audit_record
BEGIN SELECT RAISE(ABORT, 'the record is only ever added to'); END;
CREATE TRIGGER audit_record_keeps BEFORE DELETE ON audit_record
BEGIN SELECT RAISE(ABORT, 'the record is only ever added to'); END;
CREATE TRIGGER security_event_stays BEFORE UPDATE ON security_event
BEGIN SELECT RAISE(ABORT, 'a security event is never changed'); END;
