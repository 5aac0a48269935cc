"""Those who answer: upstream services, the local engine, the sandbox."""
