"""What gunicorn does besides serving: each worker, once it has loaded the site, looks after the server's jobs."""


def post_worker_init(worker: object) -> None:
    from schools import jobs

    jobs.start()
