-- What lately left is kept, since windows roll. What was known of the limits is forgotten: the next answer says it anew.
DROP TABLE rate_limit;
CREATE TABLE rate_limit (
    client_id          {{text_c}}   NOT NULL,
    procore_company_id {{bigint}} NOT NULL,
    allowed            {{bigint}} NOT NULL,
    length             {{bigint}} NOT NULL, -- microseconds
    sent               {{text}}     NOT NULL, -- JSON: what left within the last window, [since, at, all, unanswered, pushes]
    beyond             {{bigint}} NOT NULL, -- what was used beside that, until ends_at
    ends_at            {{bigint}} NOT NULL,
    known_since        {{bigint}} NOT NULL,
    others             {{bigint}} NOT NULL, -- the most that others lately used at once
    others_at          {{bigint}} NOT NULL,
    PRIMARY KEY (client_id, procore_company_id, allowed)
) {{strict}};
