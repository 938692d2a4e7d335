# Programs that load models: worker and trainer. Build from the root, for a CPU or a GPU:
#   docker build --file deploy/ml.Dockerfile --build-arg TORCH_INDEX_URL=... \
#     --tag ostinato-ml .
FROM python:3.11-slim-trixie AS build
# PyTorch's package index for CPU builds, or for a CUDA version.
ARG TORCH_INDEX_URL
WORKDIR /build
RUN python -m venv /venv
ENV PATH=/venv/bin:$PATH
COPY requirements.lock ./
RUN TORCH_VERSION=$(sed -n 's/^torch==//p' requirements.lock) \
    && pip install --no-cache-dir --constraint requirements.lock \
        --extra-index-url "${TORCH_INDEX_URL:?}" "torch==${TORCH_VERSION}" \
    && pip install --no-cache-dir --constraint requirements.lock hatchling
COPY . .
RUN pip install --no-cache-dir --no-build-isolation --constraint requirements.lock .

FROM python:3.11-slim-trixie
# Without a GPU, a worker compiles its C++ kernels for the CPU it is running on.
# hadolint ignore=DL3008
RUN apt-get update && apt-get install --yes --no-install-recommends g++ \
    && rm -rf /var/lib/apt/lists/*
ENV PATH=/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 HOME=/home/ostinato \
    OSTINATO_CHECKPOINTS_DIR=/checkpoints OSTINATO_CACHE_DIR=/home/ostinato MPLCONFIGDIR=/tmp \
    TORCHINDUCTOR_CACHE_DIR=/home/ostinato/.cache/torch
COPY --from=build /venv /venv
# A new volume mounted at /checkpoints starts with the shipped versions and gets this owner.
COPY --chown=10001:10001 checkpoints /checkpoints
RUN install --directory --owner=10001 --group=10001 /home/ostinato /storage
WORKDIR /ostinato
USER 10001:10001
CMD ["python", "-m", "services.worker"]
