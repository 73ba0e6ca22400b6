-- Whom and what each event is about: who did it, and every id that it names. Found in its body, and kept here to find it by.
CREATE TABLE audit_subjects (
    subject UUID NOT NULL,
    event_id BIGINT NOT NULL,
    PRIMARY KEY (subject, event_id)
);
CREATE INDEX idx_audit_subjects_event_id ON audit_subjects(event_id);

-- What happened before: a hub's event names its ids in `detail`, a satellite's is about the target of its session.
INSERT INTO audit_subjects (subject, event_id)
    SELECT e.user_id, e.id FROM audit_events e WHERE e.user_id IS NOT NULL
    UNION
    SELECT a.target_id, e.id FROM audit_events e
      JOIN satellites s ON s.id = e.node_id JOIN audit_logs a ON a.id = e.session_id
     WHERE e.kind <> 'unknown'
    UNION
    SELECT (named.value #>> '{}')::uuid, e.id
      FROM audit_events e
     CROSS JOIN LATERAL (SELECT convert_from(e.body, 'UTF8')::jsonb -> 'detail' AS detail) told
     CROSS JOIN LATERAL jsonb_each(CASE jsonb_typeof(told.detail) WHEN 'object' THEN told.detail ELSE '{}' END) AS field
     CROSS JOIN LATERAL (
           SELECT field.value UNION ALL
           SELECT inner_field.value
             FROM jsonb_each(CASE jsonb_typeof(field.value) WHEN 'object' THEN field.value ELSE '{}' END) AS inner_field
           ) AS named(value)
     WHERE NOT EXISTS (SELECT FROM satellites s WHERE s.id = e.node_id)
       AND jsonb_typeof(named.value) = 'string' AND named.value #>> '{}' ~ '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$';

CREATE TRIGGER audit_subjects_append_only BEFORE UPDATE OR DELETE ON audit_subjects
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_subjects_keep BEFORE TRUNCATE ON audit_subjects
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
