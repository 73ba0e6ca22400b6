-- So that people know their sign-ins again: what the browser said that it is, cut to size.
ALTER TABLE sign_in_sessions ADD COLUMN user_agent VARCHAR(300);
