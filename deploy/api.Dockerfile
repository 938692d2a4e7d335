# Programs that load no model: gateway, dispatcher, migrations, Flower. Build from the root:
#   docker build --file deploy/api.Dockerfile --tag ostinato-api .
FROM python:3.11-slim-trixie AS build
WORKDIR /build
RUN python -m venv /venv
ENV PATH=/venv/bin:$PATH
COPY requirements.lock deploy/api-requirements.txt ./
RUN pip install --no-cache-dir --constraint requirements.lock \
        --requirement api-requirements.txt hatchling
COPY . .
RUN pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.11-slim-trixie
ENV PATH=/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1
COPY --from=build /venv /venv
# A new volume mounted at /storage gets this owner.
RUN install --directory --owner=10001 --group=10001 /storage
WORKDIR /ostinato
USER 10001:10001
CMD ["python", "-m", "services.gateway"]
