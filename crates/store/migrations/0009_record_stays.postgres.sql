-- A mistake in a program must not reach it; who writes SQL by hand is found by the hashes.
CREATE FUNCTION audit_record_stays() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the record is only ever added to'; END $$;
CREATE TRIGGER audit_record_stays BEFORE UPDATE OR DELETE ON audit_record
FOR EACH ROW EXECUTE FUNCTION audit_record_stays();
CREATE FUNCTION security_event_stays() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'a security event is never changed'; END $$;
CREATE TRIGGER security_event_stays BEFORE UPDATE ON security_event
FOR EACH ROW EXECUTE FUNCTION security_event_stays();
