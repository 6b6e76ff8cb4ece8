"""The commands that mend things, here and in Google's cloud."""

from operate.place import is_local

_APPLY = "terraform -chdir=terraform apply -var-file=environments/dev.tfvars -var-file=my.tfvars"


def shell() -> str:
    """What gives this command the variables and secrets that functions have."""
    if is_local():
        return 'eval "$(.venv/bin/python -m local env)"'
    return "terraform output and gcloud secrets tell them: docs/operate.md, the second block"


def platform() -> str:
    """What makes buckets, topics, queues, indexes and keys."""
    return "make serve" if is_local() else f"{_APPLY} -target=module.platform"


def deployment() -> str:
    """What makes functions, and gives them their settings."""
    return "make serve" if is_local() else _APPLY


def setting(name: str, value: str) -> str:
    """What sets a setting that is no secret."""
    if is_local():
        return f"{name}={value} make serve"
    return f'{name} = "{value}" in `settings` of terraform/my.tfvars, then {_APPLY}'


def language_model() -> str:
    """What makes titles and answers be written; here a server that runs on the machine will do."""
    if is_local():
        return (
            "LANGUAGE_MODEL=openai OPENAI_BASE_URL=http://127.0.0.1:11434/v1 OPENAI_API_KEY=any OPENAI_MODEL=llama3.1"
            " make serve"
        )
    return setting("LANGUAGE_MODEL", "vertex")


def secret(name: str, value: str) -> str:
    """What makes a secret; `value` is shell that prints it."""
    if is_local():
        return f"export {name}=$({value}); make serve"
    return (
        f"{value} | gcloud secrets create {name} --data-file=-; name it in `secrets` of terraform/my.tfvars; {_APPLY}"
    )


def random_secret(name: str) -> str:
    """The same where anything random will do."""
    return secret(name, "openssl rand -hex 32 | tr -d '\\n'")


def given_secret(name: str) -> str:
    """The same for a key that somebody else has given."""
    return secret(name, f'printf %s "${name}"')


def vector_index(name: str) -> str:
    """What makes an index of Pinecone."""
    return "make serve" if is_local() else f"make the {name} index anew: docs/deploy.md, 4; then operate reindex --anew"
