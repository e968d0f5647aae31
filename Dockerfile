# Two stages: compilers, should a wheel be missing, stay in the first.
FROM python:3.13 AS build
RUN python -m venv /opt/pagemill
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY pagemill pagemill
COPY pipeline pipeline
COPY workers workers
RUN /opt/pagemill/bin/pip install --no-cache-dir '.[otel,parquet,warc]'

FROM python:3.13-slim
RUN useradd --uid 10001 --create-home pagemill \
    && install -d -o pagemill -g pagemill /records /token
COPY --from=build /opt/pagemill /opt/pagemill
COPY examples/pages /examples/pages
ENV PATH=/opt/pagemill/bin:$PATH PYTHONUNBUFFERED=1
USER pagemill
WORKDIR /home/pagemill
ENTRYPOINT ["pagemill"]
CMD ["--help"]
