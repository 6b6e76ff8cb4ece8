"""What a handler needs: event decoding, authentication, idempotency and one error policy per transport."""
