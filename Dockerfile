# docker build -t robomem . && docker run --rm -v "$PWD/runs:/work/runs" robomem train recall-reach --memory hcam
# PyPI's torch for Linux carries CUDA; for a small CPU image: --build-arg PIP_EXTRA_INDEX_URL=<PyTorch's CPU index>
FROM python:3.11-slim-bookworm

RUN apt-get update \
 && apt-get install -y --no-install-recommends libegl1 libgl1 libopengl0 \
 && rm -rf /var/lib/apt/lists/*

ARG PIP_EXTRA_INDEX_URL=
WORKDIR /src
COPY pyproject.toml constraints.txt README.md LICENSE CHANGELOG.md ./
RUN pip install --no-cache-dir -c constraints.txt "$(grep '^torch==' constraints.txt)"
COPY robomem robomem
COPY envs envs
COPY policies policies
COPY sim_assets sim_assets
RUN pip install --no-cache-dir -c constraints.txt ".[peers]"

ENV MUJOCO_GL=egl
WORKDIR /work
ENTRYPOINT ["robomem"]
CMD ["--help"]
