"""How gunicorn serves the site. script/server adds the address to listen on."""

wsgi_app = "kongchuo.wsgi"
# Threads, because a request mostly waits for the disk; two processes for two cores. Never preload_app: processes must
# not inherit an open database connection.
worker_class = "gthread"
workers = 2
threads = 6
# A connection kept open saves a phone on a slow line a round trip at every click.
keepalive = 75
timeout = 120
loglevel = "warning"
# The control interface would leave a socket in the home folder of whoever starts the site.
control_socket_disable = True


def post_worker_init(worker: object) -> None:
    """Each worker, once it has loaded the site, looks after the server's jobs."""
    from schools import jobs

    jobs.start()
