export function element(kind, className, ...children) {
  const made = document.createElement(kind);
  if (className) made.className = className;
  made.append(...children);                  // text, not markup: names and captions come from the data
  return made;
}

export function picture(address, alt, encoded, loading = "eager") {
  const image = element("img", encoded ? "encoded" : "");
  image.alt = alt;
  image.loading = loading;                   // before the address
  image.src = address;
  return image;
}

export function number(count, what) {
  return `${count.toLocaleString("en")} ${what}${count === 1 ? "" : "s"}`;
}

function lost(frame, name) {
  frame.replaceChildren(`${name} cannot be shown`);
  frame.classList.add("lost");
  frame.removeAttribute("aria-hidden");
}

// A result as an element; its button asks for what is like it.
export function card(result, kind, ask) {
  const isImage = kind === "images", about = element("div", "about"), meta = element("div", "meta");
  const frame = element(isImage ? "a" : "div", "picture");
  frame.setAttribute("aria-hidden", "true");   // caption and name are read below
  if (result.preview) {
    const image = picture(result.preview, "", !isImage, "lazy");
    image.addEventListener("error", () => lost(frame, result.name));
    frame.append(image);
  }
  if (result.caption) about.append(element("p", "caption", result.caption));
  meta.append(element("span", "", `distance ${result.distance.toFixed(3)}`));
  if (isImage) {
    const link = element("a", "", result.name);
    for (const anchor of [frame, link]) {
      anchor.href = result.file;
      anchor.target = "_blank";
      anchor.rel = "noopener";
    }
    frame.tabIndex = -1;                     // the name below is the same link
    meta.append(link);
  } else
    meta.append(element("span", "name", result.images > 1 ? `caption of ${number(result.images, "image")}` : result.name));
  const like = element("button", "", isImage ? "More like this" : "Images of this");
  like.type = "button";
  like.setAttribute("aria-label", `${like.textContent}: ${isImage ? result.name : result.caption}`);
  like.addEventListener("click", () => ask(isImage ? {image: result.id, name: result.name} : {caption: result.id}));
  about.append(meta, like);
  return element("li", "", ...(result.preview ? [frame] : []), about);
}
