// The camera → frames for a reader, until it has read one.

const PAUSE = 150; // milliseconds between frames

const byId = (id) => document.getElementById(id);
let stream = null;

/** read: takes a video, and returns whether it has found what it looks for. */
function prepare({ read }) {
  byId("camera").hidden = !navigator.mediaDevices?.getUserMedia;
  byId("camera").addEventListener("click", () => start(read));
  byId("camera-stop").addEventListener("click", () => {
    stop();
    byId("camera").focus();
  });
  document.addEventListener("visibilitychange", () => document.hidden && stop());
}

async function start(read) {
  const video = byId("video");
  try {
    const facing = { facingMode: "environment", width: { ideal: 1920 }, height: { ideal: 1080 } };
    stream = await navigator.mediaDevices.getUserMedia({ video: facing });
    video.srcObject = stream;
    await video.play();
  } catch {
    stop();
    byId("camera-refused").hidden = false;
    return;
  }
  show(true);
  byId("camera-stop").focus();
  const running = stream;
  while (stream === running) {
    if (video.videoWidth && (await read(video))) stop();
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}

function stop() {
  stream?.getTracks().forEach((track) => track.stop());
  stream = null;
  byId("video").srcObject = null;
  show(false);
}

function show(running) {
  byId("viewfinder").hidden = !running;
  byId("choose").hidden = running;
  byId("camera-refused").hidden = true;
}

export const camera = { prepare, stop };
